"""What Kling 1.6 can do: request types with their defaults and bounds, effect names, image rules."""
