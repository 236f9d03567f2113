/// *Charts*: numbers as bars and lines, as pictures and in letters. Read
/// [dev.cairn.server.chart.Chart] for numbers by label and [dev.cairn.server.chart.TimeChart] for
/// numbers over time; guarded: only [dev.cairn.server.chart.ChartPicture] names the library that
/// draws, and it loads with the first picture.
@NullMarked
package dev.cairn.server.chart;

import org.jspecify.annotations.NullMarked;
