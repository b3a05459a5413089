"""The cube: people and households by agency, service area, service type, time and age, each counted once a cell."""
