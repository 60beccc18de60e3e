/* Shared by the files that write the card's sections. */
#ifndef WEIR_TUI_CARD_PARTS_H
#define WEIR_TUI_CARD_PARTS_H

#include "tui/view/card.h"

/* card_witness.c: who says what, and when. */
void card_write_witnesses(struct pager *pager, const struct card_content *content);

/* The name of a fact, and blanks up to its value; a text of whole lines. */
void card_label(struct pager *pager, const char *text);
void card_note(struct pager *pager, enum style style, const char *text);
/* The last that has this part; NULL = not told yet, or no job. */
const struct job_detail *card_detail(const struct job *job, unsigned part);

/* Is it the JobManager's word of now? Else since when not, and why. told_ms 0: it has not told. */
void card_write_age(struct pager *pager, const struct card_content *content, int64_t told_ms);
/* card_told.c: what Flink lists, and what only the recorder remembers. */
void card_write_checkpoints(struct pager *pager, const struct card_content *content);
void card_write_exceptions(struct pager *pager, const struct card_content *content);
/* card_trend.c: what the job did of late, in bars; nothing where nothing is known. */
void card_write_trend(struct pager *pager, const struct card_content *content);
/* card_config.c: what was configured, by Flink and by the application's file. */
void card_write_config(struct pager *pager, const struct card_content *content);
void card_write_file(struct pager *pager, const struct app_decl *decl);

#endif
