#pragma once

void nap(long ms);
