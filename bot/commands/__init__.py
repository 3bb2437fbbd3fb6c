"""Grammar (text to request and back), the verbs, and every sentence that people read."""
