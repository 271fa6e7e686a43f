"""What would the hedge have done, after costs?"""
