"""The klingbot command line: each command in a few lines, on the same rooms as the chats."""
