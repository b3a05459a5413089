"""The routes: each authorises, acts, presents."""
