"""The pages' looks: templates, charts, words."""
