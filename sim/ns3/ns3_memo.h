// Answers of ns-3's that are kept, for those who ask again.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_MEMO_H
#define HO_NS3_NS3_MEMO_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

// Some functions of ns-3's radios work out the same answer for every frame or
// subframe, of nothing but their arguments.  Where HO_NS3_MEMO is set, which is
// for versions of ns-3 whose source has been read for it, the executable has
// functions of the same names: calls from within ns-3's libraries come to them,
// and they ask ns-3's own what they have not been asked before.
namespace ho {

// The function of ns-3's libraries that one of ours stands in front of, by its
// symbol.  Aborts if there is none.
void *Original(const char *symbol);

// ns-3's default model of errors in Wi-Fi frames, with what it has answered
// kept where HO_NS3_MEMO is set.
std::string WifiErrorRateModel();

// From here on what LTE's UEs report of their channels is kept where
// HO_NS3_MEMO is set.  All of them have ns-3's default model of it.
void KeepLteAnswers();

// Answers by their keys, each in a place of its own that the next key of the
// place takes over.  Zeros are an empty table, so it may be asked before there
// are constructors.
template <std::size_t WORDS, class Answer, std::size_t PLACES> class Memo {
public:
  using Key = std::array<std::uint64_t, WORDS>;

  // |ask| answers what is not known.  It may ask the table itself.
  template <class Ask> Answer Get(const Key &key, Ask ask) {
    Place &place = m_places[HashOf(key) % PLACES];

    if (!place.taken || place.key != key) {
      Answer answer = ask();
      place = {true, key, answer};
    }
    return place.answer;
  }

private:
  struct Place {
    bool taken;
    Key key;
    Answer answer;
  };

  static std::uint64_t HashOf(const Key &key) {
    std::uint64_t hash = 0;

    for (std::uint64_t word : key) {
      hash = (hash ^ word) * 0x9e3779b97f4a7c15;
      hash ^= hash >> 32;
    }
    return hash;
  }

  std::array<Place, PLACES> m_places;
};

} // namespace ho

#endif
