package dev.cairn.recorder.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What a controller's method is recorded as.
///
/// ```java
/// @PostMapping("/orders")
/// @Recorded(event = "CreateOrder", body = true, redact = "card",
///         resources = @Recorded.Resource(type = "Shop::Order", arn = "arn:shop:orders:{region}:{account}:order/{orderId}"))
/// ```
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Recorded {

    /// What such a call does; the method's name with a capital letter when left out.
    String event() default "";

    /// Whether it only looks.
    Effect effect() default Effect.BY_METHOD;

    /// Its events are data events: found by searches, not by LookupEvents.
    boolean data() default false;

    /// Whether what a JSON body or a form says is among the request parameters.
    boolean body() default false;

    /// Parameters to hide: names at any depth, or paths (`card.number`).
    String[] redact() default {};

    /// What it touches.
    Resource[] resources() default {};

    /// Whether a call only looks.
    enum Effect {
        /// `GET`, `HEAD` and `OPTIONS` do.
        BY_METHOD,
        READS,
        WRITES
    }

    /// A resource that a call touches.
    @interface Resource {
        /// Such as `Shop::Order`.
        String type();

        /// With request parameters in braces; `{region}` and `{account}` are the recorder's.
        String arn();
    }
}
