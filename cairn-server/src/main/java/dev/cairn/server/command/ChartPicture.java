package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.awt.Dimension;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.util.SVGConstants;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.w3c.dom.Document;

/// Draws charts as pictures; only this class names the library that does.
final class ChartPicture {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 700;

    /// More labels than these would run into each other.
    private static final int LABELS_MAX = 40;

    /// What a picture is written as.
    enum Format {
        SVG,
        PNG
    }

    private ChartPicture() {}

    static void draw(Chart chart, Format format, OutputStream out) throws IOException {
        // There need not be a screen.
        System.setProperty("java.awt.headless", "true");
        var picture = picture(chart);
        switch (format) {
            case SVG -> svg(picture, out);
            case PNG -> BitmapEncoder.saveBitmap(picture, out, BitmapEncoder.BitmapFormat.PNG);
        }
    }

    private static void svg(CategoryChart picture, OutputStream out) throws IOException {
        Document document;
        try {
            document =
                    DocumentBuilderFactory.newDefaultNSInstance()
                            .newDocumentBuilder()
                            .getDOMImplementation()
                            .createDocument(SVGConstants.SVG_NAMESPACE_URI, "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK has a DOM", e);
        }
        var graphics = new SVGGraphics2D(document);
        graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
        picture.paint(graphics, WIDTH, HEIGHT);
        var writer = new OutputStreamWriter(out, UTF_8);
        graphics.stream(writer, true);
        writer.flush();
    }

    private static CategoryChart picture(Chart chart) {
        var picture = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).build();
        var styler = picture.getStyler();
        styler.setLegendPosition(LegendPosition.OutsideS);
        styler.setLegendVisible(chart.series().size() > 1);
        styler.setChartTitleVisible(false);
        styler.setXAxisLabelRotation(chart.labels().size() > 5 ? 45 : 0);
        styler.setXAxisMaxLabelCount(LABELS_MAX);
        styler.setMarkerSize(0);
        styler.setDefaultSeriesRenderStyle(
                switch (chart.kind()) {
                    case BAR -> CategorySeriesRenderStyle.Bar;
                    case LINE -> CategorySeriesRenderStyle.Line;
                });
        if (chart.series().size() == 1) {
            picture.setYAxisTitle(chart.series().getFirst().name());
        }
        var names = QueryAnswer.unlike(chart.series().stream().map(Chart.Series::name).toList());
        var labels = QueryAnswer.unlike(chart.labels());
        for (var at = 0; at < names.size(); at++) {
            picture.addSeries(names.get(at), labels, values(chart.series().get(at)));
        }
        return picture;
    }

    /// What is not there is null to the library.
    private static List<@Nullable Double> values(Chart.Series series) {
        var values = new ArrayList<@Nullable Double>();
        for (var value : series.values()) {
            values.add(value.isNaN() ? null : value);
        }
        return values;
    }
}
