package dev.cairn.server.wiring;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs on standard error, for people or for machines.
public final class Logs {
    /// Held, because the JDK keeps loggers by weak references only.
    private static final java.util.logging.Logger LUCENE =
            java.util.logging.Logger.getLogger("org.apache.lucene");

    private Logs() {}

    /// Sets format and level for the whole process.
    ///
    /// @param level `error`, `warn`, `info` or `debug`
    /// @param json one JSON object a line instead of plain text
    public static void configure(boolean json, String level) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            throw new IllegalStateException("expected Logback behind SLF4J");
        }
        context.reset();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(json ? json(context) : plain(context));
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(Level.toLevel(level));
        // The HTTP library tells of every start and stop; Cairn tells what matters of it.
        context.getLogger("org.eclipse.jetty").setLevel(Level.WARN);
        // At debug these print requests with their headers, and what comes back.
        for (var client : List.of("software.amazon.awssdk", "org.apache.hc")) {
            context.getLogger(client).setLevel(level.equals("error") ? Level.ERROR : Level.WARN);
        }
        // Lucene asks, through the JDK's own logger, for an incubator module that it can do
        // without.
        LUCENE.setLevel(java.util.logging.Level.SEVERE);
    }

    private static Encoder<ILoggingEvent> plain(LoggerContext context) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(
                "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX, UTC} %-5level %logger{0}: %replace(%msg){'[\\r\\n]+', ' | '}%n%ex");
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        var encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }
}
