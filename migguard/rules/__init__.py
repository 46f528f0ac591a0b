"""One file per rule; the docstring of each is its page (`migguard explain`)."""
