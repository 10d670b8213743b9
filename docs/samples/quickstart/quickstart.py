import os

from hookline import Hookline

# region client
hookline = Hookline(os.environ["HOOKLINE_API_KEY"], base_url=os.environ["HOOKLINE_URL"])
# endregion

# region lead
lead = hookline.create_lead({"name": "Ada Lovelace", "email": "ada@example.com"})
# endregion
print(lead["id"])
