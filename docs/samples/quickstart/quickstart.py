import os

from hookline import Hookline

hookline = Hookline(os.environ["HOOKLINE_API_KEY"], base_url=os.environ["HOOKLINE_URL"])

lead = hookline.create_lead({"name": "Ada Lovelace", "email": "ada@example.com"})
print(lead["id"])
