#include "filter.h"

static char at(struct text text, size_t index)
{
    return index < text.length ? text.bytes[index] : 0;
}

/* Where a match may go on when it has failed: the star that takes more, and from where. */
struct resume {
    size_t pattern, path;
    bool possible;
};

/* A component `**`: the pattern goes on behind its slash, and the path behind any slash. */
static bool whole_component(struct text pattern, size_t star)
{
    return (star == 0 || pattern.bytes[star - 1] == '/') && at(pattern, star + 2) == '/';
}

static bool take_more(struct resume *star, struct text path, bool components, bool slashes)
{
    if (!star->possible)
        return false;
    while (star->path < path.length) {
        char taken = path.bytes[star->path];
        if (taken == '/' && !slashes)
            break;
        star->path++;
        if (!components || taken == '/')
            return true;
    }
    return star->possible = false;
}

/* No recursion. When the match fails behind a `*`, that star takes one byte more; when it cannot, the last `**` does,
 * and stars behind it begin anew. Earlier stars need not be tried again: what they took is the least that they could,
 * and what stands between is found at its first place, which leaves the most for what follows. */
static bool matches_whole(struct text path, struct text pattern)
{
    struct resume one = {0, 0, false}, any = {0, 0, false};
    bool components = false;
    size_t p = 0, t = 0;
    for (;;) {
        if (at(pattern, p) == '*' && at(pattern, p + 1) == '*') {
            components = whole_component(pattern, p);
            p += components ? 3 : 2;
            any = (struct resume){p, t, true};
            one.possible = false;
        } else if (at(pattern, p) == '*') {
            one = (struct resume){++p, t, true};
        } else if (p == pattern.length && t == path.length) {
            return true;
        } else if (p < pattern.length && t < path.length && pattern.bytes[p] == path.bytes[t]) {
            p++;
            t++;
        } else if (take_more(&one, path, false, false)) {
            p = one.pattern;
            t = one.path;
        } else if (take_more(&any, path, components, true)) {
            p = any.pattern;
            t = any.path;
            one.possible = false;
        } else {
            return false;
        }
    }
}

static bool is_below(struct text path, struct text directory)
{
    while (directory.length && directory.bytes[directory.length - 1] == '/')
        directory.length--;
    return path.length >= directory.length && memcmp(path.bytes, directory.bytes, directory.length) == 0 &&
           (path.length == directory.length || path.bytes[directory.length] == '/');
}

bool path_matches(struct text path, struct text pattern)
{
    for (size_t i = 0; i < pattern.length; i++)
        if (pattern.bytes[i] == '*')
            return matches_whole(path, pattern);
    return is_below(path, pattern);
}

bool path_pattern_is_good(struct text pattern)
{
    return pattern.length && (pattern.bytes[0] == '/' || pattern.bytes[0] == '*');
}

void filter_rule(struct filter *filter, enum verdict verdict, struct text pattern, unsigned line)
{
    filter->ruled = true;
    if (filter->verdict == VERDICT_NONE && filter->path.bytes && path_matches(filter->path, pattern)) {
        filter->verdict = verdict;
        filter->line = line;
    }
}

void filter_rules(struct filter *filter, const char *rules)
{
    for (const char *rule = rules; rule && *rule; rule = list_next(rule))
        filter_rule(filter, *rule == '+' ? VERDICT_KEEP : VERDICT_SKIP, text_of(rule + 1), 0);
}
