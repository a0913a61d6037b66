"""The programming interface: the same searches as in the browser, answered as JSON."""
