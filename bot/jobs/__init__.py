"""A job's states, its steps, its schedule, its deliveries."""
