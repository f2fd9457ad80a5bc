"""The guide in docs/: its pages that are made of what is declared, and the page that Help opens."""
