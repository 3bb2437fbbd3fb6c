"""The words behind `quota` and `credits` as the grammar reads them; `team` carries them out."""
