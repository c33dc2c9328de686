// The IRP of WskConnect, WskConnectEx and WskSocketConnect: connects, then sends what there is.
#pragma once

#include "wsk/pending_irp.h"

namespace oriel::wsk {

class ConnectIrp : public StreamIrp {
 public:
  ConnectIrp(runtime::Ref<Socket> socket, IRP& irp);

 protected:
  bool go_on() override;
  /// Information: bytes sent.
  Outcome settle() override;
};

}  // namespace oriel::wsk
