// REQ("id"): says in a test which requirement the test proves.
//
// The identifier goes into the test's XML record, and `./dev lint` finds it in the source and joins
// it with docs/spec/requirements.txt. Several in one test are several lines.
#pragma once

#include <gtest/gtest.h>

#define ORIEL_REQ_TEXT_OF(x) #x
#define ORIEL_REQ_TEXT(x) ORIEL_REQ_TEXT_OF(x)

/// Records that the running test proves requirement `id`, a string such as "RFC9293-MUST-39".
#define REQ(id) ::testing::Test::RecordProperty("requirement_" ORIEL_REQ_TEXT(__LINE__), id)
