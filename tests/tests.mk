# Tests: check takes seconds, test is everything
