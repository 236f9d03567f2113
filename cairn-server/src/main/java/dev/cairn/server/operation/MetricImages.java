package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.ExpressionException;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.Operand;
import dev.cairn.server.chart.ChartPicture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// CloudWatch's GetMetricWidgetImage: metrics as a picture.
///
/// Source: Amazon CloudWatch API Reference. Pictures take memory and processor time: [#AT_ONCE] are
/// drawn at a time, and who waits longer than [#WAIT_SECONDS] is told to try again.
final class MetricImages {
    private static final int AT_ONCE = 2;
    private static final int WAIT_SECONDS = 5;

    /// As many as a list has time series.
    private static final int LINES_MAX = 500;

    /// What the lines of a picture may have together.
    private static final int POINTS_MAX = 100_800;

    private final Metrics metrics;
    private final Semaphore drawing = new Semaphore(AT_ONCE, true);

    MetricImages(Metrics metrics) {
        this.metrics = metrics;
    }

    ObjectNode widget(Invocation call) throws CatalogException, InterruptedException {
        var format = call.text("OutputFormat", "png");
        if (!format.equals("png")) {
            throw MetricCall.notBuilt("The OutputFormat " + format);
        }
        var widget =
                MetricWidget.read(
                        call.text("MetricWidget", ""), MetricCall.place(call), call.now());
        if (widget.points() > POINTS_MAX) {
            throw MetricWidget.tooMany("up to %,d".formatted(widget.points()), POINTS_MAX);
        }
        if (!drawing.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new Failure(ErrorCode.THROTTLING);
        }
        try {
            var values = values(widget);
            widget.bound(values, LINES_MAX, POINTS_MAX);
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("MetricWidgetImage", png(widget, values));
        } finally {
            drawing.release();
        }
    }

    private Map<String, Operand> values(MetricWidget widget) throws CatalogException {
        try {
            return widget.queries().evaluate(metrics, widget.from(), widget.to());
        } catch (ExpressionException wrong) {
            throw MetricCall.invalid("Error in expression: " + wrong.message());
        }
    }

    private static byte[] png(MetricWidget widget, Map<String, Operand> values) {
        var out = new ByteArrayOutputStream();
        try {
            ChartPicture.draw(
                    widget.chart(values),
                    widget.width(),
                    widget.height(),
                    ChartPicture.Format.PNG,
                    out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory takes all that is written", impossible);
        }
        return out.toByteArray();
    }
}
