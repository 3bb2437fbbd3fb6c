"""Chat platforms, one folder each: payload to Ask, Card to platform. They decide nothing."""
