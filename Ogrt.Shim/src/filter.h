/* Which programs are reported: rules for the path of the executable, of which the first that matches decides. */
#ifndef OGRT_FILTER_H
#define OGRT_FILTER_H

#include "text.h"

enum verdict { VERDICT_NONE, VERDICT_KEEP, VERDICT_SKIP };

struct filter {
    struct text path; /* of the executable; without bytes no rule matches */
    enum verdict verdict;
    unsigned line; /* of the rule that decided; 0 for one that is built in */
    bool ruled;    /* there was a rule, whether it matched or not */
};

/* Without a star, a pattern stands for a path and for everything below it. With stars it stands for whole paths: `*`
 * for any run of bytes without a slash, `**` for any run, and a whole component `**` for any number of them, also none.
 */
bool path_matches(struct text path, struct text pattern);

/* True for what can match a path at all: it begins with a slash or a star. */
bool path_pattern_is_good(struct text pattern);

/* The next rule. Says nothing new once one has matched. */
void filter_rule(struct filter *filter, enum verdict verdict, struct text pattern, unsigned line);

/* A list of rules, each with + for keep or - for skip in front. */
void filter_rules(struct filter *filter, const char *rules);

#endif
