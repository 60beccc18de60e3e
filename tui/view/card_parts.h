/* Shared by the files that write the card's sections. */
#ifndef WEIR_TUI_CARD_PARTS_H
#define WEIR_TUI_CARD_PARTS_H

#include "tui/view/card.h"

/* card_witness.c: who says what, and when. */
void card_write_witnesses(struct pager *pager, const struct card_content *content);
/* card_config.c: what was configured, by Flink and by the application's file. */
void card_write_config(struct pager *pager, const struct card_content *content);
void card_write_file(struct pager *pager, const struct app_decl *decl);

#endif
