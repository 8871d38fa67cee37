"""The few pages that people read: welcome, documentation, explanation of a problem."""
