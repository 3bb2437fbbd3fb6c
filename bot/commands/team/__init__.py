"""Team credits in chat: what carries out the words behind `quota` and `credits`, one file for each matter."""
