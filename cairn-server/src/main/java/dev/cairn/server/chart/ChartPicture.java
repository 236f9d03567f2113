package dev.cairn.server.chart;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.util.SVGConstants;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;

/// Draws charts as pictures; only this class names the library that does.
public final class ChartPicture {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 700;

    /// More labels than these would run into each other.
    private static final int LABELS_MAX = 40;

    /// Times along an axis have so many pixels each.
    private static final int TICK_WIDTH = 90;

    private static final int MARKER = 3;

    /// A legend takes one of so many parts.
    private static final int LEGEND_PART = 3;

    private static final BasicStroke DASHED =
            new BasicStroke(
                    1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 10, new float[] {6, 4}, 0);

    /// What a picture is written as.
    public enum Format {
        SVG,
        PNG
    }

    private ChartPicture() {}

    public static void draw(Chart chart, Format format, OutputStream out) throws IOException {
        needNoScreen();
        write(picture(chart), format, out);
    }

    /// @param width in pixels
    /// @param height in pixels
    public static void draw(TimeChart chart, int width, int height, Format format, OutputStream out)
            throws IOException {
        needNoScreen();
        write(picture(chart, width, height), format, out);
    }

    private static void needNoScreen() {
        System.setProperty("java.awt.headless", "true");
    }

    private static void write(
            org.knowm.xchart.internal.chartpart.Chart<?, ?> picture,
            Format format,
            OutputStream out)
            throws IOException {
        switch (format) {
            case SVG -> svg(picture, out);
            case PNG -> BitmapEncoder.saveBitmap(picture, out, BitmapEncoder.BitmapFormat.PNG);
        }
    }

    private static void svg(
            org.knowm.xchart.internal.chartpart.Chart<?, ?> picture, OutputStream out)
            throws IOException {
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
        graphics.setSVGCanvasSize(new Dimension(picture.getWidth(), picture.getHeight()));
        picture.paint(graphics, picture.getWidth(), picture.getHeight());
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
        var names = Chart.unlike(chart.series().stream().map(Chart.Series::name).toList());
        var labels = Chart.unlike(chart.labels());
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

    // ---- over time ----------------------------------------------------------------------------

    private static XYChart picture(TimeChart chart, int width, int height) {
        var picture = new XYChartBuilder().width(width).height(height).build();
        var styler = picture.getStyler();
        styler.setChartTitleVisible(!chart.title().isBlank());
        picture.setTitle(chart.title());
        picture.setYAxisTitle(chart.axis().label());
        styler.setYAxisTitleVisible(!chart.axis().label().isBlank());
        styler.setLegendPosition(
                chart.legend() == TimeChart.Legend.RIGHT
                        ? LegendPosition.OutsideE
                        : LegendPosition.OutsideS);
        styler.setDefaultSeriesRenderStyle(
                chart.stacked() ? XYSeriesRenderStyle.Area : XYSeriesRenderStyle.Line);
        styler.setDatePattern(chart.timePattern());
        styler.setTimezone(TimeZone.getTimeZone(chart.zone()));
        styler.setXAxisTickMarkSpacingHint(TICK_WIDTH);
        styler.setXAxisMin((double) chart.from().toEpochMilli());
        styler.setXAxisMax((double) chart.to().toEpochMilli());
        var drawn = chart.drawn();
        styler.setYAxisMin(drawn.bottom());
        styler.setYAxisMax(drawn.top());
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setLegendBorderColor(Color.WHITE);
        styler.setMarkerSize(MARKER);
        var colors = colors(styler.getSeriesColors());
        var series = new ArrayList<XYSeries>();
        // The highest of a stack is behind the others.
        var heights = chart.stacked() ? drawn.lines().reversed() : drawn.lines();
        for (var line : heights) {
            series.add(line(picture, line, chart.stacked(), Integer.toString(series.size())));
        }
        var free = (chart.stacked() ? series.reversed() : series).iterator();
        for (var line : chart.lines()) {
            colour(free.next(), color(line.color(), colors));
        }
        for (var level : chart.levels()) {
            var across = across(picture, chart, level.value(), "level " + series.size());
            series.add(across);
            across.setLabel(level.name().isBlank() ? "" + level.value() : level.name());
            across.setLineStyle(DASHED);
            colour(across, color(level.color(), colors));
        }
        legend(series, chart.legend(), styler, width, height);
        // The axes are there even where there is nothing to draw.
        var frame = across(picture, chart, drawn.bottom(), "frame");
        frame.setLineStyle(SeriesLines.NONE).setShowInLegend(false);
        return picture;
    }

    /// Leaves the legend what the lines can spare: names of a third of the width, and as many as a
    /// third of the height takes, or all of it where they stand beside.
    private static void legend(
            List<XYSeries> series,
            TimeChart.Legend legend,
            XYStyler styler,
            int width,
            int height) {
        var font = styler.getLegendFont();
        var padding = styler.getLegendPadding();
        var free =
                switch (legend) {
                    case BOTTOM -> height / LEGEND_PART - padding;
                    case RIGHT -> height - padding;
                    case HIDDEN -> 0;
                };
        double taken = 0;
        for (var one : series) {
            if (taken <= free) {
                one.setLabel(cut(one.getLabel(), font, width / LEGEND_PART));
                taken += Math.max(size(one.getLabel(), font).getHeight(), MARKER) + padding;
            }
            one.setShowInLegend(taken <= free);
        }
        styler.setLegendVisible(series.stream().anyMatch(XYSeries::isShowInLegend));
    }

    /// As much of a name as so many pixels take.
    private static String cut(String name, Font font, int width) {
        var fits = name.codePointCount(0, name.length());
        var shown = name;
        var wide = size(shown, font).getWidth();
        while (fits > 1 && wide > width) {
            fits = Math.clamp((int) (fits * width / wide), 1, fits - 1);
            shown = name.substring(0, name.offsetByCodePoints(0, fits)) + "…";
            wide = size(shown, font).getWidth();
        }
        return shown;
    }

    /// How large the library makes a name: it measures the outline.
    private static Rectangle2D size(String name, Font font) {
        return new TextLayout(name, font, new FontRenderContext(null, true, false))
                .getOutline(null)
                .getBounds2D();
    }

    /// A line that breaks where a period has no value.
    private static XYSeries line(XYChart picture, TimeChart.Line line, boolean area, String name) {
        var times = new ArrayList<Date>();
        var values = new ArrayList<Double>();
        var period = line.period().toSeconds();
        var expected = Long.MAX_VALUE;
        for (var point : line.points().entrySet()) {
            if (point.getKey() > expected && !area) {
                times.add(Date.from(Instant.ofEpochSecond(expected)));
                values.add(Double.NaN);
            }
            times.add(Date.from(Instant.ofEpochSecond(point.getKey())));
            values.add(point.getValue());
            expected = point.getKey() + period;
        }
        if (times.isEmpty()) {
            times.add(Date.from(Instant.EPOCH));
            values.add(Double.NaN);
        }
        var series = picture.addSeries(name, times, values);
        series.setLabel(line.name().isBlank() ? "-" : line.name());
        series.setMarker(area ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
        return series;
    }

    private static XYSeries across(XYChart picture, TimeChart chart, double value, String name) {
        var series =
                picture.addSeries(
                        name,
                        List.of(Date.from(chart.from()), Date.from(chart.to())),
                        List.of(value, value));
        series.setMarker(SeriesMarkers.NONE);
        series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
        return series;
    }

    private static void colour(XYSeries series, Color color) {
        series.setLineColor(color).setFillColor(color);
        series.setMarkerColor(color);
    }

    /// The colours of the house, one after the other, without end.
    private static Iterator<Color> colors(Color[] colors) {
        return Stream.iterate(0, at -> at + 1).map(at -> colors[at % colors.length]).iterator();
    }

    private static Color color(@Nullable Integer chosen, Iterator<Color> colors) {
        return chosen == null ? colors.next() : new Color(chosen);
    }
}
