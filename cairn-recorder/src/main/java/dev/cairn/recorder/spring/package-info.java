/// Records the calls to a Spring Boot application's own API.
///
/// `cairn.recorder.endpoint` in the application's properties turns it on; read
/// [dev.cairn.recorder.spring.Recorded] for what to say of a method. Needs Spring Boot and Spring
/// MVC, which the application has.
@NullMarked
package dev.cairn.recorder.spring;

import org.jspecify.annotations.NullMarked;
