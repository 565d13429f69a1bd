"""The scene: what a screen shows at one moment, looked up once for all of its panes."""
