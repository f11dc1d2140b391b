"""
The worker site: pages on which people find work, do it, and see what came of it; and those of requesters.

Everything that is done here is done by `aioturk.marketplace.service`, like what comes in through the API: a page is one
act on the house, and what it came to in HTML. `application` has the routes, `visits` is what each of them has at hand,
`site` what all have in common; `sessions` knows who is there, `origins` keeps what requesters wrote apart from the site
itself, `exposure` sees to it that nobody is let in from elsewhere without accounts, TLS and names.

Pages of people who work: `signing_in` or `accounts`, `finding` (lists and previews), `working` (accepted tasks,
submitting, returning), `earning`, `qualifying`. What stands in the frame of a task is made by `frames` (each kind of
question in its own way) and `form_page` (question forms), with `crowd_elements`. Requesters' pages are in `requester`.

The real site's addresses are the same here, as far as browser extensions have made them known, so that bookmarks and
scripts go on working.
"""
