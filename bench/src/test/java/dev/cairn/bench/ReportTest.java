package dev.cairn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void aRatioOverOneSpeaksForCairnWhetherMoreOrLessIsBetter() {
        assertThat(Report.ratio(Report.Better.MORE, 60_000, 20_000)).isEqualTo(3);
        assertThat(Report.ratio(Report.Better.LESS, 2, 300)).isEqualTo(150);
    }

    @Test
    void aLineShowsFigurePeerAndRatio() {
        Report report = new Report(new PrintStream(OutputStream.nullOutputStream()));
        report.add("ingest", "record", 60_000, "events/s", Report.Better.MORE, "Kafka", 20_000, "");
        report.add("growth", "heap", 12.34, "MB", "");
        StringWriter text = new StringWriter();
        report.print(new PrintWriter(text));
        assertThat(text.toString().lines().map(line -> line.replaceAll(" {2,}", "|")))
                .containsExactly(
                        "BENCH|FIGURE|CAIRN|UNIT|PEER|ITS FIGURE|RATIO|NOTE",
                        "ingest|record|60,000|events/s|Kafka|20,000|3.00x",
                        "growth|heap|12.3|MB",
                        "A ratio over 1 speaks for Cairn.");
    }

    @Test
    void aFigureWithoutPeerHasNoRatioInJsonEither() {
        Report report = new Report(new PrintStream(OutputStream.nullOutputStream()));
        report.add("growth", "heap", 12.34, "MB", "");
        var figure = report.json(new Machine("a machine")).path("figures").path(0);
        assertThat(figure.path("value").doubleValue()).isEqualTo(12.34);
        assertThat(figure.has("ratio")).isFalse();
    }
}
