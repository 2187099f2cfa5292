"""Plain HTTP endpoints, mounted beside the pages."""
