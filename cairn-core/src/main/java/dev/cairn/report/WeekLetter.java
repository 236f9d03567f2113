package dev.cairn.report;

import dev.cairn.report.WeekReport.Kind;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A week's report as people get it: a page that a phone shows well, and plain text. The page has
/// no scripts, no pictures and nothing from elsewhere, and its styles stand within it, as mail
/// programs want.
///
/// @param subject of a mail
public record WeekLetter(String subject, String html, String text) {
    private static final String BODY =
            "margin:0;background:#ffffff;color:#16191f;font:16px/1.45 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
    private static final String H2 = "font-size:19px;margin:28px 0 8px";
    private static final String CARD =
            "border-top:1px solid #d5dbdb;padding:10px 0;overflow-wrap:anywhere";
    private static final String FAINT = "color:#545b64;font-size:14px";

    public static WeekLetter of(WeekReport report) {
        Wording words = new Wording(report);
        return new WeekLetter(words.subject(), html(report, words), text(report, words));
    }

    // ---- the page -----------------------------------------------------------------------------

    private static String html(WeekReport report, Wording words) {
        return """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%s</title></head>
        <body style="%s"><div style="max-width:640px;margin:0 auto;padding:16px">
        <h1 style="font-size:23px;margin:0 0 4px">%s</h1>
        <div style="%s">%s</div>
        <ul style="padding-left:20px;margin:16px 0 0">
        %s</ul>
        %s%s%s%s</div></body></html>
        """
                .formatted(
                        markup(words.title()),
                        BODY,
                        markup(words.title()),
                        FAINT,
                        markup(words.span()),
                        words.totals().stream()
                                .map(total -> "<li>" + markup(total) + "</li>\n")
                                .collect(Collectors.joining()),
                        section(
                                "To look at",
                                report.oddities(),
                                oddity ->
                                        card(
                                                oddity.subject(),
                                                colored(oddity.kind())
                                                        + " "
                                                        + markup(oddity.words()),
                                                "")),
                        section(
                                "Who",
                                report.people(),
                                person ->
                                        card(
                                                person.name(),
                                                markup(words.person(person)),
                                                Wording.deeds(person.deeds()))),
                        section(
                                "What",
                                report.resources(),
                                thing ->
                                        card(
                                                thing.name(),
                                                markup(Wording.thing(thing)),
                                                thing.by().isEmpty()
                                                        ? ""
                                                        : "by " + Wording.deeds(thing.by()))),
                        section(
                                "Not in this report",
                                report.notes(),
                                note ->
                                        "<div style=\"%s\">%s</div>\n"
                                                .formatted(CARD, markup(note))));
    }

    private static <T> String section(String title, List<T> parts, Function<T, String> card) {
        return parts.isEmpty()
                ? ""
                : "<h2 style=\"%s\">%s</h2>\n".formatted(H2, title)
                        + parts.stream().map(card).collect(Collectors.joining());
    }

    /// @param line markup already
    private static String card(String name, String line, String below) {
        return "<div style=\"%s\"><b>%s</b><br>%s%s</div>\n"
                .formatted(
                        CARD,
                        markup(name),
                        line,
                        below.isEmpty()
                                ? ""
                                : "<div style=\"%s\">%s</div>".formatted(FAINT, markup(below)));
    }

    private static String colored(Kind kind) {
        String color =
                switch (kind) {
                    case ROOT, NEW_CALLER, NEW_REGION -> "#b0170b";
                    case ERRORS, HOURS -> "#8a5300";
                    case NEW_CALL -> "#545b64";
                };
        return "<span style=\"color:%s\">%s:</span>".formatted(color, kind.title());
    }

    private static String markup(String text) {
        return Wording.clean(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    // ---- the text -----------------------------------------------------------------------------

    private static String text(WeekReport report, Wording words) {
        StringBuilder out = new StringBuilder();
        line(out, words.title());
        line(out, words.span());
        line(out, "");
        words.totals().forEach(total -> line(out, "  " + total));
        heading(out, "To look at", report.oddities());
        report.oddities()
                .forEach(oddity -> {
                    line(out, "  " + oddity.subject());
                    line(out, "      " + oddity.kind().title() + ": " + oddity.words());
                });
        heading(out, "Who", report.people());
        report.people()
                .forEach(person -> {
                    line(out, "  " + person.name());
                    line(out, "      " + words.person(person));
                    line(out, "      " + Wording.deeds(person.deeds()));
                });
        heading(out, "What", report.resources());
        report.resources()
                .forEach(thing -> {
                    line(out, "  " + thing.name());
                    line(out, "      " + Wording.thing(thing));
                    if (!thing.by().isEmpty()) {
                        line(out, "      by " + Wording.deeds(thing.by()));
                    }
                });
        heading(out, "Not in this report", report.notes());
        report.notes().forEach(note -> line(out, "  " + note));
        return out.toString();
    }

    private static void heading(StringBuilder out, String title, List<?> parts) {
        if (!parts.isEmpty()) {
            line(out, "");
            line(out, title);
            line(out, "");
        }
    }

    private static void line(StringBuilder out, String text) {
        out.append(Wording.clean(text)).append('\n');
    }
}
