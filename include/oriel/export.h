// Marks what a program outside liboriel may link to.
//
// The library is built with hidden visibility, so that only names that carry ORIEL_API leave
// liboriel.so; everything else may change without breaking a program. The mark is the same for the
// shared and the static library: one set of object files serves both.
#pragma once

/// Before the name of a public class or the declaration of a public function that is not inline.
#define ORIEL_API __attribute__((visibility("default")))
