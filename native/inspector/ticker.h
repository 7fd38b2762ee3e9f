// A thread that interrupts the isolates of remote inspectors every 20 ms: see Inspector::Tick(). It exists once the
// first one does.
#pragma once

namespace workerd {

class Inspector;

void StartTicking(Inspector* inspector);
void StopTicking(Inspector* inspector);

}  // namespace workerd
