"""Slack: what people type, attach and press becomes an ask or a press; cards become messages. It decides nothing."""
