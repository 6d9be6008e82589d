"""The web app's foundation: what the pages of all apps stand on. Pages themselves are in `<app>/views`."""
