/* Strings a user sees: _("text") where it is used, N_("text") in a table that is translated later.
 */
#ifndef WEIR_BASE_I18N_H
#define WEIR_BASE_I18N_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) (text)

#endif
