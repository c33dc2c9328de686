// Which Oriel this is.
#pragma once

#define ORIEL_VERSION_MAJOR 0
#define ORIEL_VERSION_MINOR 1
#define ORIEL_VERSION_PATCH 0
#define ORIEL_VERSION "0.1.0"
