package dev.cairn.conformance;

import dev.cairn.recorder.Event;
import dev.cairn.recorder.Identity;
import dev.cairn.recorder.Recorder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/// An example application that records its own calls: a program that takes orders, a process of its
/// own.
///
/// It prints each order's `eventID` once that is recorded, and at its end what it has done.
final class OrderBook {
    private static final Duration SENT_MAX = Duration.ofSeconds(60);

    private OrderBook() {}

    /// @param arguments Cairn's address, a spool folder, a token, an account, the first order's
    ///   number, and how many to take; 0 for no end
    public static void main(String... arguments) throws InterruptedException {
        var first = Integer.parseInt(arguments[4]);
        var count = Integer.parseInt(arguments[5]);
        try (var recorder =
                Recorder.to(URI.create(arguments[0]), Path.of(arguments[1]))
                        .token(arguments[2])
                        .account(arguments[3])
                        .source("orders.example.com")
                        .open()) {
            for (var number = first; count == 0 || number < first + count; number++) {
                IO.println(take(recorder, number));
            }
            IO.println(recorder.flush(SENT_MAX) ? "sent" : recorder.status());
        }
    }

    private static String take(Recorder recorder, int number) {
        return recorder.record(
                Event.named("CreateOrder")
                        .identity(Identity.user("mary"))
                        .from("198.51.100.7")
                        .requestParameter("orderId", number)
                        .requestParameter("card", "4111 1111 1111 1111")
                        .redact("card")
                        .resource(
                                "Shop::Order",
                                "arn:shop:orders:{region}:{account}:order/" + number));
    }
}
