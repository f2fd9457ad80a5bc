"""Policies: from the past and what is held to what to hold."""
