// What ns-3's LTE works out for every subframe.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_memo.h"

#if !HO_NS3_MEMO

void ho::KeepLteAnswers() {
}

#else

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "ns3/lte-amc.h"
#include "ns3/spectrum-model.h"
#include "ns3/spectrum-value.h"

using namespace ns3;

namespace {

// A UE reports the quality of its channel for each group of resource blocks, of
// the SINR of these alone.  ns-3 finds it by trying modulations one after the
// other: for all groups a quarter of what LTE takes.  Without interference all
// groups are alike.
struct Group {
  const double *sinr;
  std::uint32_t blocks;
  std::uint8_t whole; // the number of blocks of all groups but the last
};

constexpr std::size_t PLACES = 512;

struct Place {
  std::vector<double> sinr; // empty: nothing is known
  std::uint8_t whole;
  int quality;
};

// Nothing is kept as long as there are none.
std::vector<Place> places;

std::size_t PlaceOf(const Group &group) {
  std::uint64_t hash = group.whole;

  for (std::uint32_t i = 0; i < group.blocks; i++) {
    std::uint64_t word;
    std::memcpy(&word, &group.sinr[i], sizeof(word));
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  return hash % PLACES;
}

// Bit by bit.
bool IsOf(const Place &place, const Group &group) {
  return place.whole == group.whole && place.sinr.size() == group.blocks &&
         std::memcmp(place.sinr.data(), group.sinr,
                     group.blocks * sizeof(double)) == 0;
}

// A spectrum of nothing but a group.
SpectrumValue SpectrumOf(const Group &group) {
  static std::map<std::uint32_t, Ptr<const SpectrumModel>> models;
  Ptr<const SpectrumModel> &model = models[group.blocks];

  if (!model) {
    std::vector<double> frequencies;
    for (std::uint32_t i = 0; i < group.blocks; i++) {
      frequencies.push_back(1e9 + i * 180e3);
    }
    model = Create<SpectrumModel>(frequencies);
  }
  SpectrumValue spectrum(model);
  std::copy_n(group.sinr, group.blocks, spectrum.ValuesBegin());
  return spectrum;
}

std::vector<int> Ask(LteAmc *amc, const SpectrumValue &sinr,
                     std::uint8_t whole) {
  static const auto original = reinterpret_cast<std::vector<int> (*)(
      LteAmc *, const SpectrumValue &, std::uint8_t)>(
      ho::Original(
          "_ZN3ns36LteAmc18CreateCqiFeedbacksERKNS_13SpectrumValueEh"));

  return original(amc, sinr, whole);
}

int Quality(LteAmc *amc, const Group &group) {
  Place &place = places[PlaceOf(group)];

  if (!IsOf(place, group)) {
    place.quality = Ask(amc, SpectrumOf(group), group.whole).at(0);
    place.sinr.assign(group.sinr, group.sinr + group.blocks);
    place.whole = group.whole;
  }
  return place.quality;
}

} // namespace

void ho::KeepLteAnswers() {
  places.resize(PLACES);
}

// A last group that is not whole counts as one, as in ns-3.
std::vector<int> LteAmc::CreateCqiFeedbacks(const SpectrumValue &sinr,
                                            std::uint8_t whole) {
  if (places.empty()) {
    return Ask(this, sinr, whole);
  }
  const double *values = &*sinr.ConstValuesBegin();
  std::uint32_t blocks = sinr.GetValuesN();
  std::vector<int> qualities;
  qualities.reserve(blocks + whole);
  for (std::uint32_t i = 0; i < blocks; i += whole) {
    Group group = {values + i, std::min<std::uint32_t>(whole, blocks - i),
                   whole};
    qualities.insert(qualities.end(), whole, Quality(this, group));
  }
  return qualities;
}

#endif
