"""Pictures in (look, refuse, fit) and videos out (probe, check, fit, poster): the only room that decodes anything."""
