from . import access
from . import access_guard
from . import access_new_link
from . import customer_page
from . import letter
from . import payment
from . import portal
from . import statement
