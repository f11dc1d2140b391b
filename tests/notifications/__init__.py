"""What tells programs of events: the tests mirror `aioturk.notifications`."""
