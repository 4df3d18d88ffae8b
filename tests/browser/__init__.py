"""Pages in a real browser: driver.py starts one, page.py is what somebody does with a page."""
