"""The single door to outgoing HTTP: time-outs, address rules, size limits, redaction."""
