"""Repairs: each makes a plan, and `plan.py` previews and applies it, all or nothing."""
