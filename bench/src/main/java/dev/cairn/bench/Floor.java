package dev.cairn.bench;

import java.io.IOException;

/// The least that a Java program can do: says that it is ready, and waits until its input ends.
final class Floor {
    private Floor() {}

    public static void main(String[] args) throws IOException {
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // Until the bench has measured it.
        }
    }
}
